"""Tables of recorded sequences: reading their files, checking them, and learning from them."""
