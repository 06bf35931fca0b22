// Decides queries from C++.
//
//   c++ -std=c++17 -O2 -I LIBRARY example.cpp LIBRARY/libriddle.a -o example
//   ./example router.riddle "How do I reset my password?"
//   ./example router.riddle < queries.netstrings
//
// Prints the bits of each margin and the candidate. Without queries as arguments it reads netstrings, LENGTH:BYTES, one
// after the other, because a query may contain newlines and zeros; it decides them one by one and as one batch.
#include "riddle.hpp"

#include <cstdio>
#include <cstring>
#include <iostream>

static void print(const riddle::Router &router, double margin, std::uint32_t candidate) {
  std::uint64_t bits;
  std::memcpy(&bits, &margin, sizeof bits);
  std::printf("%016llx %s\n", static_cast<unsigned long long>(bits), router.candidates()[candidate].c_str());
}

int main(int argc, char **argv) {
  if (argc < 2) {
    std::cerr << "usage: " << argv[0] << " ROUTER.riddle [QUERY ...]\n";
    return 64;
  }
  try {
    const riddle::Router router = riddle::Router::open(argv[1]);
    riddle::Scratch scratch(router);
    for (int i = 2; i < argc; i++) {
      const riddle::Decision decision = router.decide(scratch, argv[i]);
      print(router, decision.margin, decision.candidate);
    }
    if (argc > 2) return 0;

    std::string all;
    std::vector<std::uint64_t> offsets{0};
    std::size_t length;
    while (std::cin >> length && std::cin.get() == ':') {
      all.resize(offsets.back() + length);
      if (!std::cin.read(all.data() + offsets.back(), static_cast<std::streamsize>(length)) || std::cin.get() != ',') {
        std::cerr << "query " << offsets.size() << " is not a whole netstring\n";
        return 65;
      }
      offsets.push_back(all.size());
    }
    const riddle::Decisions batch = router.decide_batch(scratch, all, offsets);
    for (std::size_t i = 0; i + 1 < offsets.size(); i++) {
      const std::string_view query(all.data() + offsets[i], offsets[i + 1] - offsets[i]);
      const riddle::Decision decision = router.decide(scratch, query);
      if (std::memcmp(&decision.margin, &batch.margins[i], sizeof(double)) != 0) {
        std::cerr << "query " << i + 1 << ": the batch has another margin\n";
        return 70;
      }
      print(router, decision.margin, decision.candidate);
    }
  } catch (const riddle::Error &error) {
    std::cerr << error.what() << '\n';
    return error.code() == RIDDLE_DAMAGED ? 65 : 1;
  }
}
