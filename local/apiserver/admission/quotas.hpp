// The usage of the quotas of a namespace: the number of objects, and for pods and claims amounts,
// under the names that a ResourceQuota can limit. A quota with scopes counts only pods that are in
// all of them.
//
// Reads the store; thread-safe.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/admission/quota_usage.hpp>
#include <capstan/local/apiserver/api/error.hpp>
#include <capstan/local/apiserver/storage/object_store.hpp>
#include <capstan/local/apiserver/writing/object_writer.hpp>

namespace capstan::apiserver {

class Quotas final {
 public:
  explicit Quotas(const ObjectStore& store) : store_(store) {}  // must outlive this object

  // 403 when an object to be created requests more than a quota has left, or does not specify an
  // amount that a quota limits.
  Done Check(const WriteCall& call, const json::ObjectPtr& fresh) const;
  // The status of a quota after a write of `call`, whose object may count; null when it is
  // unchanged.
  json::ObjectPtr StatusAfter(const WriteCall& call, const json::ObjectPtr& quota) const;

 private:
  // The usage of these names by all objects of the namespace, as the quota counts them.
  Amounts Used(const json::ObjectPtr& quota, const std::vector<std::string>& names) const;

  const ObjectStore& store_;
};

}  // namespace capstan::apiserver
