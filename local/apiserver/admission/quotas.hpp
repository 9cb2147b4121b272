// What objects take of the quotas of their namespace: a count, and for pods and claims amounts,
// each under the names that a ResourceQuota may limit. A quota with scopes counts only the pods
// that are in all of them.
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
  explicit Quotas(const ObjectStore& store) : store_(store) {}  // must outlive this

  // 403 where an object that is about to be created asks for more than a quota has left, or does
  // not say how much it asks for of what a quota limits.
  Done Check(const WriteCall& call, const json::ObjectPtr& fresh) const;
  // The status of a quota after a write of `call`, whose object may count; null when it is the one
  // that the quota has.
  json::ObjectPtr StatusAfter(const WriteCall& call, const json::ObjectPtr& quota) const;

 private:
  // What all objects of a namespace take of these names, as the quota counts them.
  Amounts Used(const json::ObjectPtr& quota, const std::vector<std::string>& names) const;

  const ObjectStore& store_;
};

}  // namespace capstan::apiserver
