"""The embedded gateway host: nginx with ngx_lua that loads Kong plugins unmodified and answers like Kong 3.9.1."""
