"""Files of few bytes that ask a decoder for much memory or time, made by a module for each kind, and the bounds they are held to."""
