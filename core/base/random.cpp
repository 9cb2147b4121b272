#include <capstan/core/base/random.hpp>

#include <sys/random.h>

#include <cstdio>
#include <cstdlib>

#include <capstan/core/base/mutex.hpp>

namespace capstan {
namespace {

class SystemRandom final : public Random {
 public:
  std::uint64_t Next() override {
    std::uint64_t value = 0;
    // Up to 256 bytes are never truncated once the kernel's pool is initialized (getrandom(2)).
    if (getrandom(&value, sizeof value, 0) != static_cast<ssize_t>(sizeof value)) {
      std::perror("capstan: the kernel gives no random bytes");
      std::abort();
    }
    return value;
  }
};

// SplitMix64: every seed is good, and results are identical on every machine.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t Next() override {
    MutexLock lock(mutex_);
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

 private:
  // Guarded by mutex_.
  Mutex mutex_;
  std::uint64_t state_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace

std::uint64_t Random::Below(std::uint64_t bound) {
  // Discards the smallest values so that all remainders are equally likely.
  const std::uint64_t reject = (0 - bound) % bound;
  for (;;) {
    const std::uint64_t value = Next();
    if (value >= reject) return value % bound;
  }
}

double Random::Fraction() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

std::string Random::Uuid() {
  const std::uint64_t a = (Next() & 0xFFFFFFFFFFFF0FFFULL) | 0x0000000000004000ULL;
  const std::uint64_t b = (Next() & 0x3FFFFFFFFFFFFFFFULL) | 0x8000000000000000ULL;
  char text[40];
  std::snprintf(text, sizeof text, "%08x-%04x-%04x-%04x-%012llx", static_cast<unsigned>(a >> 32),
                static_cast<unsigned>(a >> 16 & 0xFFFF), static_cast<unsigned>(a & 0xFFFF),
                static_cast<unsigned>(b >> 48), static_cast<unsigned long long>(b & 0xFFFFFFFFFFFFULL));
  return text;
}

std::string Random::Suffix(int length) {
  static constexpr char kAlphabet[] = "bcdfghjklmnpqrstvwxz2456789";
  std::string text;
  for (int i = 0; i < length; ++i) text += kAlphabet[Below(sizeof kAlphabet - 1)];
  return text;
}

std::unique_ptr<Random> MakeSystemRandom() { return std::make_unique<SystemRandom>(); }
std::unique_ptr<Random> MakeSeededRandom(std::uint64_t seed) { return std::make_unique<SeededRandom>(seed); }

}  // namespace capstan
