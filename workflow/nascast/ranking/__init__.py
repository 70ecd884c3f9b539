"""Ranks a user's own networks, and says what the ranking rests on."""
