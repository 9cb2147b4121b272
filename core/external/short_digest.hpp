// Eight hexadecimal digits that represent a text that is too long or must not be shown: in names,
// annotations and plan hashes. They distinguish two texts, but do not protect a text that can be
// guessed. Pure; thread-safe.
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
