// Private to sdk/cpp: converts values of core/external and core/http to the C ABI's structs and
// back. The only place that knows both. Output for the host is written into the memory of the call;
// input from the host is copied.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/plugin.h>
#include <capstan/core/external/external.hpp>
#include <capstan/core/http/message.hpp>

namespace capstan::sdk {

// Writes into one call's memory. Throws std::bad_alloc when the call has exhausted its limit.
class CallMemory {
 public:
  CallMemory(const capstan_host_t* host, capstan_call_t* call) : host_(host), call_(call) {}

  template <class T>
  T* New() const {
    auto* made = static_cast<T*>(Bytes(sizeof(T)));
    made->struct_size = sizeof(T);
    return made;
  }
  template <class T>
  T* Array(std::size_t count) const {
    // NOLINTNEXTLINE(bugprone-sizeof-expression): where T is a pointer, pointers are what is kept.
    return count == 0 ? nullptr : static_cast<T*>(Bytes(sizeof(T) * count));
  }
  capstan_text_t Text(std::string_view text) const;

  capstan_error_t* Put(const Error& error) const;
  capstan_observed_t* Put(const external::Observed& observed) const;
  capstan_page_t* Put(const external::Page& page) const;
  capstan_step_t* Put(const external::Step& step) const;
  capstan_plan_t* Put(const external::Plan& plan) const;
  capstan_associated_list_t* Put(const std::vector<external::Associated>& associated) const;
  capstan_notice_list_t* Put(const std::vector<external::Notice>& notices) const;
  capstan_offer_list_t* Put(const std::vector<external::Offer>& offers) const;
  capstan_connection_t* Put(const external::Connection& connection) const;
  capstan_account_t* Put(const external::Account& account) const;
  capstan_http_request_t* Put(const http::Request& request) const;

 private:
  void* Bytes(std::size_t size) const;
  const capstan_host_t* host_;
  capstan_call_t* call_;
};

inline std::string_view View(capstan_text_t text) {
  return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}
inline std::string Take(capstan_text_t text) { return std::string(View(text)); }

Error Take(const capstan_error_t* from);
external::Identity Take(const capstan_identity_t* from);
external::Observed Take(const capstan_observed_t* from);
external::Step Take(const capstan_step_t* from);
external::DeleteOptions Take(const capstan_remove_options_t* from);
external::Credentials TakeCredentials(const capstan_entry_t* entries, std::size_t count);
http::Response Take(const capstan_http_response_t* from);

// The manifest as the JSON document that describe() returns; sdk/ABI.md lists the fields.
std::string ManifestText(const external::Manifest& manifest);

}  // namespace capstan::sdk
