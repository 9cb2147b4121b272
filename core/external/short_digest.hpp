// Eight hexadecimal digits that stand for a text where it is too long or not to be read: in names,
// annotations and plan hashes. They tell two texts apart, and hide nothing that can be guessed.
// Pure; thread-safe.
#pragma once

#include <string>
#include <utility>

#include <capstan/core/base/secret.hpp>

namespace capstan::external {

inline std::string ShortDigest(std::string text) {
  const std::string digest = Secret(std::move(text)).Fingerprint();  // "sha256:1f2e3d4c"
  return digest.substr(digest.find(':') + 1);
}

}  // namespace capstan::external
