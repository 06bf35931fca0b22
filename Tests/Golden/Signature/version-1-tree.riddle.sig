{
  "algorithm" : "Ed25519",
  "format" : "riddle-signature-1",
  "key" : "5072212a822c6b5a27a194632f7761112cfd4926ab2450092174b535a208f566",
  "signature" : "WRbPbzZJ09hIiB5yuimQ4v9qIvbNM3l1D4rFV+6Rp3fBFTSomCMvtjCjDs0jbqmRs3PH/bN63uIDj7Y58kn6Bg=="
}
