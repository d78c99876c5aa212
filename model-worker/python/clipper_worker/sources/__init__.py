"""One module for each kind of model; each imports a library that only its own kind needs."""
