// Converts custom resources between versions when their CRD delegates that to a webhook.
//
// Thread-safe. Errors are the refusals that the client gets: a failing webhook fails only the
// requests that need it.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/cancellation.hpp>
#include <capstan/local/apiserver/api/error.hpp>
#include <capstan/local/apiserver/catalog/resource.hpp>

namespace capstan::apiserver {

class VersionConverter {
 public:
  virtual ~VersionConverter() = default;
  // Returns `objects` in version `to`; objects already in that version stay unchanged. Ends early
  // once `cancellation` (may be null) is requested.
  // REQUIRES: resource.conversion_webhook.
  virtual Answer<std::vector<json::ObjectPtr>> Convert(const Resource& resource, const Version& to,
                                                       std::vector<json::ObjectPtr> objects,
                                                       const Cancellation* cancellation) = 0;
};

}  // namespace capstan::apiserver
