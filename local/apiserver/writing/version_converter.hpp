// Turns custom resources of one version into those of another where their CRD leaves that to a
// webhook.
//
// Thread-safe. Errors are the refusals that the client gets: a webhook that fails fails the request
// that needs it and nothing else.
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
  // `objects` in version `to`; those that are in it already stay as they are. Ends early once
  // `cancellation` (may be null) is requested.
  // REQUIRES: resource.conversion_webhook.
  virtual Answer<std::vector<json::ObjectPtr>> Convert(const Resource& resource, const Version& to,
                                                       std::vector<json::ObjectPtr> objects,
                                                       const Cancellation* cancellation) = 0;
};

}  // namespace capstan::apiserver
