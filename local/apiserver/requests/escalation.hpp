// RBAC's privilege escalation check: a role may contain only rules that its writer already has, and
// a binding may only reference a role whose rules its writer has, unless the verbs escalate or bind
// are granted.
//
// Applies to users that are subject to RBAC. Thread-safe.
#pragma once

#include <capstan/local/apiserver/requests/rbac.hpp>
#include <capstan/local/apiserver/writing/object_writer.hpp>

namespace capstan::apiserver {

class EscalationCheck final : public Admission {
 public:
  // The references must outlive this object. `next` runs as well.
  EscalationCheck(const Rbac& rbac, Admission& next) : rbac_(rbac), next_(next) {}

  Answer<json::ObjectPtr> Mutate(const WriteCall& call, std::string_view operation, json::ObjectPtr fresh,
                                 json::ObjectPtr live) override {
    return next_.Mutate(call, operation, fresh, live);
  }
  Done Judge(const WriteCall& call, std::string_view operation, json::ObjectPtr fresh,
             json::ObjectPtr live) override;
  void Stored(const WriteCall& call) override { next_.Stored(call); }

 private:
  Done Check(const WriteCall& call, const json::ObjectPtr& fresh, const json::ObjectPtr& live) const;
  Done CheckRules(const WriteCall& call, const json::ObjectPtr& fresh,
                  const std::vector<json::ObjectPtr>& rules) const;

  const Rbac& rbac_;
  Admission& next_;
};

}  // namespace capstan::apiserver
