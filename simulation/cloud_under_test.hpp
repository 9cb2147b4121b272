// CloudUnderTest is one simulated cloud with its provider, as the explorer needs them: the server,
// what it really has and did (which no operator sees), and how to put the provider into an
// operator.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/core/http/handler.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::simulation {

struct CloudObject {
  std::string id, name;
  std::vector<std::string> tags;
  bool live = true;   // exists, and nobody has asked for its removal
  bool shown = true;  // a GET shows it, perhaps on its way out
};
struct CloudChange {
  std::string operation, id;
  bool makes_whole = false;  // created a new cloud object
  bool adopts = false;       // put other tags on one that was there
  // Of the object, before the change; of a new one: those it was created with.
  std::vector<std::string> tags_before;
};

class CloudUnderTest {
 public:
  virtual ~CloudUnderTest() = default;
  virtual http::Handler& handler() = 0;
  virtual std::string authority() const = 0;
  virtual std::vector<CloudObject> Objects() const = 0;
  virtual std::vector<CloudChange> Changes() const = 0;
  // The provider as an operator has it, over that operator's transport.
  virtual std::unique_ptr<external::Provider> MakeProvider(http::Transport& transport,
                                                           Scheduler& scheduler) const = 0;
  virtual std::string crd() const = 0;
  // spec of an object that can be made, without tokenSecret, as the inside of a JSON object.
  virtual std::string spec() const = 0;
  // The token of account 0 or 1.
  virtual std::string token(int account) const = 0;
  // What a user may change in that spec at any time, as the inside of a JSON object, and whether
  // the cloud has it; empty: nothing.
  virtual std::string edit() const { return ""; }
  virtual bool ShowsEdit() const { return true; }
  // An object with this identity tag exists or existed: for clouds that can only be asked for one.
  virtual void Expect(const std::string&) {}
  // Changes what is there by hand, so that it differs from every spec; and whether it still does.
  virtual void Drift() {}
  virtual bool Drifted() const { return false; }
};

// How a test wants its cloud.
struct CloudSetting {
  Duration list_lag = std::chrono::seconds(12);  // below the settle window, far above zero
  Duration get_lag = std::chrono::seconds(0);
  bool account_readable = true;
  bool lists = false;  // the provider can list all objects of an account, where that is a choice
};

std::unique_ptr<CloudUnderTest> MakeBoxes(const CloudSetting& setting, const Clock& clock);

}  // namespace capstan::simulation
