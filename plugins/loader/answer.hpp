// Reads what a plugin answered. Nothing in it is believed: every pointer must lead into the memory of the
// call or into the plugin's own image, every struct must be as long as its version was, every text must be
// UTF-8 and of sane length, every document a JSON object. Answers are copied out; the memory of the call may
// go afterwards. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/plugin.h>
#include <capstan/core/external/external.hpp>
#include <capstan/plugins/loader/lend.hpp>

namespace capstan::loader {

// Where a library lies in this process: its constants may be answers.
struct Image {
  struct Range {
    std::uintptr_t begin = 0;
    std::size_t size = 0;
  };
  std::vector<Range> readable;
  bool Contains(const void* data, std::size_t size) const;
};
// The image that holds `address`; empty when nothing does.
Image ImageAround(const void* address);

class Answers {
 public:
  // `what` names the call in messages: "get". All must outlive it.
  Answers(const Image& image, const capstan_call& call, std::string_view what);

  // Errors of all: kDataLoss, one sentence that names plugin, call and field.
  Result<std::string> Text(capstan_text_t text, std::string_view field, std::size_t limit) const;
  Result<std::string> Id(capstan_text_t text) const;  // not empty, no control characters
  Result<external::Observed> Observed(const capstan_observed_t* observed) const;
  Result<external::Page> Page(const capstan_page_t* page) const;
  Result<external::Plan> Plan(const capstan_plan_t* plan) const;
  Result<external::Connection> Connection(const capstan_connection_t* connection) const;
  Result<external::Account> Account(const capstan_account_t* account) const;
  // What the plugin gave as the reason; always something, secrets blotted out. kCancelled only if the call
  // was.
  Error Why(const capstan_error_t* error) const;

  Failure Malformed(std::string_view why) const;

 private:
  bool Readable(const void* data, std::size_t size) const;
  template <class T>
  Status CheckStruct(const T* value, std::string_view name) const;
  template <class T>
  Status CheckList(const T* items, std::size_t count, std::string_view name) const;
  Result<std::string> Document(capstan_text_t text, std::string_view field) const;

  const Image& image_;
  const capstan_call& call_;
  const std::string_view what_;
};

}  // namespace capstan::loader
