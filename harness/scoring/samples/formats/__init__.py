"""How the tools of this field write samples down: a module a family, each from parsed content to samples."""
