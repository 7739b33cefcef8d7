"""Message stores behind one interface."""
