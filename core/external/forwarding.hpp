// ForwardingExternal hands every call to another External: for those who override just part of it.
// Thread-safe as what it forwards to.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <capstan/core/external/external.hpp>

namespace capstan::external {

class ForwardingExternal : public External {
 public:
  explicit ForwardingExternal(std::unique_ptr<External> next) : next_(std::move(next)) {}

  Result<Account> WhoAmI(const Context& context) override { return next_->WhoAmI(context); }
  Result<std::vector<Observed>> Find(const Identity& identity, const std::string& desired,
                                     const Context& context) override {
    return next_->Find(identity, desired, context);
  }
  Result<std::optional<Observed>> Get(const std::string& id, const Context& context) override {
    return next_->Get(id, context);
  }
  Outcome Create(const Identity& identity, const std::string& desired, const Context& context) override {
    return next_->Create(identity, desired, context);
  }
  Outcome Adopt(const std::string& id, const Identity& identity, const Context& context) override {
    return next_->Adopt(id, identity, context);
  }
  Result<std::vector<Associated>> ListAssociated(const std::string& id, const Context& context) override {
    return next_->ListAssociated(id, context);
  }
  Outcome Delete(const std::string& id, const DeleteOptions& options, const Context& context) override {
    return next_->Delete(id, options, context);
  }
  Result<Page> List(const std::string& cursor, const Context& context) override {
    return next_->List(cursor, context);
  }
  Result<Plan> MakePlan(const std::string& desired, const Observed& observed) const override {
    return next_->MakePlan(desired, observed);
  }
  Outcome Apply(const std::string& id, const Step& step, const Identity& identity,
                const Context& context) override {
    return next_->Apply(id, step, identity, context);
  }
  Result<Connection> ReadConnection(const std::string& id, const std::string& desired,
                                    const Context& context) override {
    return next_->ReadConnection(id, desired, context);
  }
  Result<std::vector<Notice>> Notices(const std::string& id, const std::string& since,
                                      const Context& context) override {
    return next_->Notices(id, since, context);
  }

 protected:
  External& next() { return *next_; }
  const External& next() const { return *next_; }

 private:
  const std::unique_ptr<External> next_;
};

}  // namespace capstan::external
