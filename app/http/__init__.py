"""What the interfaces over HTTP share: authentication, sign-in, parameter types, error answers."""
