def sock_pairs(socks):
    