"""What may be asked in SQL, and how far each step of it may go. Pure.

`dialect` reads and writes the text, `allowed` lists what may stand in it. `rules` says for each function and
operator how large its operands may be, `sizes` how large a value can be, and `bounds` writes checks into the
tree, with `values` for its expressions, where a value may be larger than its step allows.
"""
