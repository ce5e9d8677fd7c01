def hop_clap(n):
    