"""How fast the service is, beside a server written for speed and the least that could be done."""
