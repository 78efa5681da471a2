"""Leases on members, by which machines that share a folder or a server know what the others train."""
