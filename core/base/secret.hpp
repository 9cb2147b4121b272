// Secret stores a token, key or password. It prints as ***, compares in constant time and is wiped
// on destruction. A value; thread-safety of a value.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

namespace capstan {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { Wipe(); }

  // The plaintext, for the one line that sends it. Valid during the lifetime of this Secret.
  std::string_view Reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  // A short, one-way digest that distinguishes secrets in logs and metrics: "sha256:1f2e3d4c". Too
  // short to resist a search for another secret with the same digest.
  std::string Fingerprint() const;
  // The full digest, 64 hexadecimal digits: a key for state that belongs to the owner of a secret.
  std::string Digest() const;

  friend bool operator==(const Secret& a, const Secret& b);

 private:
  void Wipe() noexcept;
  std::string value_;
};
std::ostream& operator<<(std::ostream& out, const Secret& secret);

}  // namespace capstan
