// Value types of Kubernetes that C++ does not have. Each keeps its original text, so that reading
// and writing again changes nothing. As thread-safe as any value.
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

// A number or a string, as for ports and maxUnavailable.
class IntOrString {
 public:
  IntOrString() = default;  // the number 0
  IntOrString(std::int64_t number) : value_(number) {}
  IntOrString(int number) : value_(std::int64_t{number}) {}
  IntOrString(std::string text) : value_(std::move(text)) {}
  IntOrString(const char* text) : value_(std::string(text)) {}

  bool is_number() const { return value_.index() == 0; }
  // 0 if it is a string
  std::int64_t number() const { return is_number() ? std::get<0>(value_) : 0; }
  std::string text() const { return is_number() ? std::to_string(number()) : std::get<1>(value_); }
  // For a string such as "25%" that share of `whole`, rounded up or down; otherwise the number
  // itself. Errors: kInvalidArgument for any other string.
  Result<std::int64_t> Of(std::int64_t whole, bool round_up) const;

  friend bool operator==(const IntOrString&, const IntOrString&) = default;

 private:
  std::variant<std::int64_t, std::string> value_;
};

// An amount with a suffix: "100m", "1.5Gi", "2e3". Compares by amount and prints its original text.
class Quantity {
 public:
  Quantity() = default;  // "0"
  // Errors: kInvalidArgument; the message gives the reason.
  static Result<Quantity> Parse(std::string_view text);

  const std::string& text() const { return text_; }
  // The amount, as precisely as a double can represent it.
  double value() const;

  friend bool operator==(const Quantity& a, const Quantity& b) { return a.value() == b.value(); }
  friend std::partial_ordering operator<=>(const Quantity& a, const Quantity& b) {
    return a.value() <=> b.value();
  }

 private:
  std::string text_ = "0";
};

// A point in time, RFC 3339. Written with a fraction if it was read with one.
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
