// Validates and copies the answers of a plugin, which are untrusted: every pointer must point into
// the memory of the call or into the plugin's own image, every struct must have the size of its
// version, every text must be UTF-8 of a sane length, every document a JSON object. Results do not
// depend on the memory of the call. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/plugin.h>
#include <capstan/core/base/text.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/plugins/loader/file/image.hpp>
#include <capstan/plugins/loader/lending/known.hpp>
#include <capstan/plugins/loader/lending/lend.hpp>

namespace capstan::loader {

// Limits, in bytes and elements.
inline constexpr std::size_t kIdLimit = 1024;
inline constexpr std::size_t kTextLimit = std::size_t{64} << 10;
inline constexpr std::size_t kDocumentLimit = std::size_t{4} << 20;
inline constexpr std::size_t kCountLimit = 100'000;

class Answers {
 public:
  // `what` names the call in messages: "get". All arguments must outlive it.
  Answers(const Image& image, const capstan_call& call, std::string_view what);

  // Errors of all functions: kDataLoss, one sentence that names plugin, call and field.
  Result<std::string> Text(capstan_text_t text, std::string_view field, std::size_t limit) const;
  // Not empty, no control characters.
  Result<std::string> Id(capstan_text_t text, std::string_view field = "id") const;
  Result<external::Observed> Observed(const capstan_observed_t* from) const;
  Result<external::Page> Page(const capstan_page_t* from) const;
  Result<external::Plan> Plan(const capstan_plan_t* from) const;
  Result<std::vector<external::Associated>> Associated(const capstan_associated_list_t* from) const;
  // In chronological order, all later than `since` (if that is a time).
  Result<std::vector<external::Notice>> Notices(const capstan_notice_list_t* from,
                                                const std::string& since) const;
  Result<std::vector<external::Offer>> Offers(const capstan_offer_list_t* from) const;
  Result<external::Connection> Connection(const capstan_connection_t* from) const;
  Result<external::Account> Account(const capstan_account_t* from) const;
  // The error that the plugin returned; always has a message; secrets are redacted. kCancelled only
  // if the call was cancelled.
  Error Why(const capstan_error_t* from) const;

  Failure Malformed(std::string_view why) const;

 private:
  bool Readable(const void* data, std::size_t size) const;
  // A copy of the fields that both sides know.
  template <class T>
  Result<T> Known(const T* value, std::string_view name) const;
  template <class T>
  Status CheckList(const T* items, std::size_t count, std::string_view name) const;
  Result<std::string> Document(capstan_text_t text, std::string_view field) const;
  // A text for people: secrets are redacted.
  Result<std::string> Words(capstan_text_t text, std::string_view field) const;
  Result<external::Step> Step(const capstan_step_t* from) const;

  const Image& image_;
  const capstan_call& call_;
  const std::string_view what_;
};

template <class T>
Result<T> Answers::Known(const T* value, std::string_view name) const {
  if (value == nullptr) return Malformed(StrCat("nothing where ", name, " should be"));
  if (reinterpret_cast<std::uintptr_t>(value) % alignof(T) != 0 || !Readable(value, sizeof(std::uint32_t))) {
    return Malformed(StrCat(name, " outside of the memory of the call"));
  }
  if (value->struct_size < kSizeIn10<T>) return Malformed(StrCat(name, " shorter than ABI 1.0 says"));
  if (!Readable(value, value->struct_size)) return Malformed(StrCat(name, " longer than its memory"));
  return CopyKnown(value);
}

template <class T>
Status Answers::CheckList(const T* items, std::size_t count, std::string_view name) const {
  if (count == 0) return {};
  if (count > kCountLimit)
    return Malformed(StrCat("a list of ", count, " ", name, ", more than ", kCountLimit));
  if (reinterpret_cast<std::uintptr_t>(items) % alignof(T) != 0 || !Readable(items, count * sizeof(T))) {
    return Malformed(StrCat("a list of ", name, " outside of the memory of the call"));
  }
  return {};
}

}  // namespace capstan::loader
