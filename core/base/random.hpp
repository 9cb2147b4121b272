// Random is the source of randomness: the kernel in production, a seed in simulations. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace capstan {

class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t Next() = 0;

  // Uniform in [0, bound). REQUIRES: bound > 0.
  std::uint64_t Below(std::uint64_t bound);
  // Uniform in [0, 1).
  double Fraction();
  // A version 4 UUID in lower case.
  std::string Uuid();
  // `length` characters of Kubernetes' generateName alphabet ("bcdfghjklmnpqrstvwxz2456789").
  std::string Suffix(int length);
};

std::unique_ptr<Random> MakeSystemRandom();
std::unique_ptr<Random> MakeSeededRandom(std::uint64_t seed);

}  // namespace capstan
