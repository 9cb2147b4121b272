// CloudUnderTest is one simulated cloud with its provider, as the explorer needs them: the server,
// its real objects and changes (which no operator sees), and a factory for the provider.
//
// For the tasks of one SimulatedScheduler, of which one runs at a time.
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
  bool live = true;   // exists, and nobody has requested its deletion
  bool shown = true;  // GET returns it, possibly as deleting
};
struct CloudChange {
  std::string operation, id;
  bool makes_whole = false;  // created a new cloud object
  bool adopts = false;       // put other tags on an existing one
  // The tags of the object before the change; of a new object: its initial tags.
  std::vector<std::string> tags_before;
};

class CloudUnderTest {
 public:
  virtual ~CloudUnderTest() = default;
  virtual http::Handler& handler() = 0;
  virtual std::string authority() const = 0;
  virtual std::vector<CloudObject> Objects() const = 0;
  virtual std::vector<CloudChange> Changes() const = 0;
  // Creates the provider for one operator, over that operator's transport. Transport and scheduler
  // must outlive it.
  virtual std::unique_ptr<external::Provider> MakeProvider(http::Transport& transport,
                                                           Scheduler& scheduler) const = 0;
  virtual std::string crd() const = 0;
  // A valid spec without tokenSecret, as the inside of a JSON object.
  virtual std::string spec() const = 0;
  // The token of account 0 or 1.
  virtual std::string token(int account) const = 0;
  // A change that a user can make to that spec at any time, as the inside of a JSON object, and
  // whether the cloud reflects it; empty: none.
  virtual std::string edit() const { return ""; }
  virtual bool ShowsEdit() const { return true; }
  // Tells the cloud about an object with this identity tag: for clouds that can only look up single
  // objects.
  virtual void Expect(const std::string&) {}
  // Changes the objects by hand, so that they differ from every spec; and whether they still do.
  virtual void Drift() {}
  virtual bool Drifted() const { return false; }
};

// The cloud settings of a test.
struct CloudSetting {
  Duration list_lag = std::chrono::seconds(12);  // below the settle window, but far above zero
  Duration get_lag = std::chrono::seconds(0);
  bool account_readable = true;
  bool lists = false;  // the provider can list all objects of an account, if it has that option
};

std::unique_ptr<CloudUnderTest> MakeBoxes(const CloudSetting& setting, const Clock& clock);

}  // namespace capstan::simulation
