"""Tools by which assistants ask the mirror. They compute nothing, change nothing, and never ask ClickUp."""
