// Network policies: address blocks and their exceptions.
#include <algorithm>
#include <array>
#include <optional>

#include <arpa/inet.h>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/schema/format.hpp>
#include <capstan/local/apiserver/schema/kinds/judges.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;

struct AddressBlock {
  int family = AF_INET;
  std::array<unsigned char, 16> bytes{};
  unsigned bits = 0;
};

std::optional<AddressBlock> BlockOf(const std::string& text) {
  if (!HasFormat("cidr", text)) return std::nullopt;
  const std::size_t slash = text.find('/');
  AddressBlock block;
  if (text.find(':') != std::string::npos) block.family = AF_INET6;
  if (inet_pton(block.family, text.substr(0, slash).c_str(), block.bytes.data()) != 1) return std::nullopt;
  block.bits = static_cast<unsigned>(std::stoul(text.substr(slash + 1)));
  return block;
}

// Whether `part` is a strict subset of `whole`.
bool IsPartOf(const AddressBlock& part, const AddressBlock& whole) {
  if (part.family != whole.family || part.bits <= whole.bits) return false;
  for (unsigned bit = 0; bit < whole.bits; ++bit) {
    const unsigned mask = 0x80U >> bit % 8;
    if ((part.bytes.at(bit / 8) & mask) != (whole.bytes.at(bit / 8) & mask)) return false;
  }
  return true;
}

void JudgeBlock(const ObjectPtr& block, const std::string& path, std::vector<FieldError>& errors) {
  const auto whole = BlockOf(json::TextIn(block, "cidr"));
  const auto exceptions = json::StringsIn(block, "except");
  for (std::size_t i = 0; whole && i < exceptions.size(); ++i) {
    // The other texts are judged one by one (checks.cpp).
    if (exceptions[i].empty()) {
      errors.push_back(InvalidField(StrCat(path, ".except[", i, "]"), exceptions[i],
                                    "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"));
    }
    const auto part = BlockOf(exceptions[i]);
    if (part && !IsPartOf(*part, *whole)) {
      errors.push_back(
          InvalidField(StrCat(path, ".except[", i, "]"), exceptions[i], "must be a strict subset of `cidr`"));
    }
  }
}

}  // namespace

std::vector<KindJudge> NetworkJudges() { return {{"networking.IPBlock", JudgeBlock}}; }

}  // namespace capstan::apiserver
