"""Adapters for the seams: where rooms are kept. The core knows none of them."""
