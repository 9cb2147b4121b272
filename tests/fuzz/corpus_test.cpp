// Runs every target with its corpus, and with damaged variants of each of its texts, for compilers
// without libFuzzer. scripts/fuzz.sh searches further.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <capstan/core/base/random.hpp>
#include <capstan/tests/fuzz/target.hpp>

namespace capstan::fuzz {

void PrintTo(const Target& target, std::ostream* out) { *out << target.name; }

namespace {

std::vector<std::string> Corpus(const std::string& name) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(CAPSTAN_FUZZ_CORPUS) / name))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> texts;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return texts;
}

// Cuts, doubles, swaps and changes bytes, and joins with another text.
std::string Damaged(std::string text, const std::vector<std::string>& all, Random& random) {
  const auto below = [&](std::size_t limit) {
    return static_cast<std::size_t>(random.Below(std::max<std::size_t>(limit, 1)));
  };
  for (std::size_t times = 1 + below(4); times > 0; --times) {
    const std::size_t at = below(text.size() + 1), length = below(16);
    switch (below(5)) {
      case 0:
        text.erase(std::min(at, text.size()), length);
        break;
      case 1:
        text.insert(at, text.substr(below(text.size() + 1), length));
        break;
      case 2:
        if (!text.empty()) text[at % text.size()] = static_cast<char>(below(256));
        break;
      case 3:
        text.insert(at, 1, "\"{}[]:,\\\n\xff"[below(10)]);
        break;
      default: {
        const std::string& other = all[below(all.size())];
        text = text.substr(0, at) + other.substr(below(other.size() + 1));
      }
    }
  }
  return text;
}

class EveryTarget : public ::testing::TestWithParam<Target> {};

std::uint64_t Number(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// CAPSTAN_FUZZ_SECONDS: the time for each target, instead of two thousand variants;
// CAPSTAN_FUZZ_SEED: selects other variants.
TEST_P(EveryTarget, HoldsOverItsCorpusAndOverTwoThousandDamagesOfIt) {
  const auto texts = Corpus(GetParam().name);
  ASSERT_FALSE(texts.empty());
  for (const std::string& text : texts) GetParam().run(text);
  const std::uint64_t seconds = Number("CAPSTAN_FUZZ_SECONDS", 0),
                      seed = Number("CAPSTAN_FUZZ_SEED", 20261128);
  const auto random = MakeSeededRandom(seed);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  std::uint64_t runs = 0;
  for (; seconds == 0 ? runs < 2000 : std::chrono::steady_clock::now() < end; ++runs)
    GetParam().run(Damaged(texts[static_cast<std::size_t>(runs) % texts.size()], texts, *random));
  if (seconds != 0)
    std::printf("%s: %llu runs, seed %llu\n", GetParam().name, static_cast<unsigned long long>(runs),
                static_cast<unsigned long long>(seed));
}
INSTANTIATE_TEST_SUITE_P(Fuzz, EveryTarget, ::testing::ValuesIn(Targets()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace capstan::fuzz
