// Nobody gives away more than they have: a role may hold only what its writer may do, and a binding
// only name a role whose rules its writer holds, unless the verbs escalate or bind allow it.
//
// Asked about users whom RBAC judges. Thread-safe.
#pragma once

#include <capstan/local/apiserver/requests/rbac.hpp>
#include <capstan/local/apiserver/writing/object_writer.hpp>

namespace capstan::apiserver {

class EscalationCheck final : public Admission {
 public:
  // Both must outlive it. `next` has its say as well.
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
