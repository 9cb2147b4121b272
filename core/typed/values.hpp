// Values that Kubernetes has and C++ has not. Each keeps what it was read from, so that reading and
// writing again changes nothing. Values; thread-safety of a value.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <capstan/core/base/result.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan::typed {

// A number or a text: ports, maxUnavailable.
class IntOrString {
 public:
  IntOrString() = default;  // the number 0
  IntOrString(std::int64_t number) : value_(number) {}
  IntOrString(int number) : value_(std::int64_t{number}) {}
  IntOrString(std::string text) : value_(std::move(text)) {}
  IntOrString(const char* text) : value_(std::string(text)) {}

  bool is_number() const { return value_.index() == 0; }
  std::int64_t number() const { return is_number() ? std::get<0>(value_) : 0; }  // 0 where it is a text
  std::string text() const { return is_number() ? std::to_string(number()) : std::get<1>(value_); }
  // A share of `whole` where it is a text such as "25%", rounded up or down; else the number
  // itself. Errors: kInvalidArgument for another text.
  Result<std::int64_t> Of(std::int64_t whole, bool round_up) const;

  friend bool operator==(const IntOrString&, const IntOrString&) = default;

 private:
  std::variant<std::int64_t, std::string> value_;
};

// An amount with a suffix: "100m", "1.5Gi", "2e3". Compares by amount, prints as it was written.
class Quantity {
 public:
  Quantity() = default;  // "0"
  // Errors: kInvalidArgument with the reason.
  static Result<Quantity> Parse(std::string_view text);

  const std::string& text() const { return text_; }
  // The amount, as close as a double comes.
  double value() const;

  friend bool operator==(const Quantity& a, const Quantity& b) { return a.value() == b.value(); }
  friend std::partial_ordering operator<=>(const Quantity& a, const Quantity& b) {
    return a.value() <=> b.value();
  }

 private:
  std::string text_ = "0";
};

// A moment, RFC 3339. Written with a fraction where it was read with one.
class Time {
 public:
  Time() = default;  // 1970
  explicit Time(WallTime time) : time_(time) {}
  // Errors: kInvalidArgument.
  static Result<Time> Parse(std::string_view text);

  WallTime value() const { return time_; }
  std::string text() const { return text_.empty() ? FormatRfc3339(time_) : text_; }

  friend bool operator==(const Time& a, const Time& b) { return a.time_ == b.time_; }
  friend auto operator<=>(const Time& a, const Time& b) { return a.time_ <=> b.time_; }

 private:
  WallTime time_{};
  std::string text_;
};

}  // namespace capstan::typed
