// AllowedHosts: the hosts to which a plugin can send requests. Immutable; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/http/message.hpp>

namespace capstan::loader {

class AllowedHosts {
 public:
  // `manifest`: "api.example.com" (https, port 443), "api.example.com:8443", "*.example.com" (any
  // subdomain, but not example.com itself). `config`: the instance's JSON configuration; every
  // string in it that is an http or https URL allows its origin, with exactly its scheme, host and
  // port, because the user of the program wrote it.
  AllowedHosts(const std::vector<std::string>& manifest, std::string_view config);
  // Errors: kPermissionDenied naming the host and what to do.
  Status Check(const http::Url& url) const;

 private:
  std::vector<std::string> patterns_;
  std::vector<std::string> origins_;
};

}  // namespace capstan::loader
