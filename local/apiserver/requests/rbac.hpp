// Evaluates the stored roles and bindings as Kubernetes' RBAC authorizer does. Members of
// system:masters may do everything; discovery, health, version and self reviews are open to all
// authenticated users.
//
// Thread-safe; reads the store at each call.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/user.hpp>
#include <capstan/local/apiserver/storage/object_store.hpp>

namespace capstan::apiserver {

// What a user wants to do. With a path, the request is not about a resource.
struct AccessQuestion {
  std::string verb, group, resource, subresource, name, namespace_;
  std::string path;
};

class Rbac final {
 public:
  explicit Rbac(const ObjectStore& store) : store_(store) {}

  // The binding that allows it, in the words of an access review; empty: not allowed.
  std::string Allows(const User& user, const AccessQuestion& question) const;
  // All rules that apply to a user in a namespace.
  std::vector<json::ObjectPtr> RulesOf(const User& user, const std::string& namespace_) const;
  // The rules of the role that a roleRef names, in the namespace of its binding; empty when the
  // role does not exist.
  std::vector<json::ObjectPtr> RulesOfRole(const json::ObjectPtr& ref, const std::string& namespace_) const;
  bool HasRole(const json::ObjectPtr& ref, const std::string& namespace_) const;

 private:
  template <class Use>
  void EachGrant(const User& user, const std::string& namespace_, const Use& use) const;

  const ObjectStore& store_;
};

bool IsMaster(const User& user);

}  // namespace capstan::apiserver
