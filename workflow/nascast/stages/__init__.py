"""What the workflow's scripts share: logs, provenance and assembling features from files."""
