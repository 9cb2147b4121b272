// BoxProvider is the External of a BoxCloud, the smallest provider with every capability: find,
// list, parts, plan, connection, adoption, extras, notices. It sends HTTP through the given
// Transport, so that a simulation sees each of its requests.
#pragma once

#include <memory>
#include <string>

#include <capstan/core/external/external.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::simulation {

// Thread-safe. The transport must outlive the provider and the Externals that it creates.
class BoxProvider final : public external::Provider {
 public:
  // `lists`: External::List returns all boxes of the account; otherwise it is not supported.
  explicit BoxProvider(http::Transport& transport, std::string server = "http://boxes.test",
                       bool lists = false);
  const external::Manifest& manifest() const override { return manifest_; }
  Result<std::unique_ptr<external::External>> Connect(const std::string& kind,
                                                      const external::Credentials& credentials,
                                                      const Context& context) override;

 private:
  http::Transport& transport_;
  const std::string server_;
  const bool lists_;
  external::Manifest manifest_;
};

// The CustomResourceDefinition of kind Box (boxes.example.test/v1), and an older version of it
// without status.external.
std::string BoxCrd();
std::string OldBoxCrd();

}  // namespace capstan::simulation
