"""Commands on their own: each reads its arguments, calls what does the work, and prints."""
