// ForwardingExternal and ForwardingProvider forward every call to another one: base classes of
// decorators, which override only what they change. Own what they forward to, and are as
// thread-safe.
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
  Result<std::vector<Offer>> Offers(const std::string& catalog, const Context& context) override {
    return next_->Offers(catalog, context);
  }

 protected:
  External& next() { return *next_; }
  const External& next() const { return *next_; }

 private:
  const std::unique_ptr<External> next_;
};

class ForwardingProvider : public Provider {
 public:
  explicit ForwardingProvider(std::unique_ptr<Provider> next) : next_(std::move(next)) {}
  const Manifest& manifest() const override { return next_->manifest(); }
  Result<std::unique_ptr<External>> Connect(const std::string& kind, const Credentials& credentials,
                                            const Context& context) override {
    return next_->Connect(kind, credentials, context);
  }

 protected:
  Provider& next() { return *next_; }

 private:
  const std::unique_ptr<Provider> next_;
};

}  // namespace capstan::external
