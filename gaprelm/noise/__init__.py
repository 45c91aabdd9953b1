"""Generated errors: how clean sentences become training pairs."""
