"""Measurements that drive the very dialogue that is served."""
