// The fixture of all cases: concise requests, a kind and a namespace for each case, bounded
// watches.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/http/message.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/kube/kind.hpp>
#include <capstan/tests/conformance/server.hpp>

namespace capstan::conformance {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// An answer, with its body's values by JSON pointer: strings decoded, other values as text, "" if
// absent.
struct Answer {
  int status = 0;
  http::Headers headers;
  std::string body;
  std::string At(std::string_view pointer) const;
  std::vector<std::string> Each(std::string_view array, std::string_view pointer) const;
  std::string rv() const { return At("/metadata/resourceVersion"); }
  std::string uid() const { return At("/metadata/uid"); }
  std::string reason() const { return At("/reason"); }
  std::string message() const { return At("/message"); }
  // The fields of a Status' causes.
  std::vector<std::string> fields() const { return Each("/details/causes", "/field"); }
};
std::ostream& operator<<(std::ostream& out, const Answer& answer);

// Changes to the schema and spec of a CustomResourceDefinition created by MakeKind.
struct KindOptions {
  bool status = true;
  bool namespaced = true;
  std::string spec_schema;    // properties of spec; empty: see kGearSpec
  std::string spec_extra;     // next to them, such as `"required":["a"]`
  std::string version_extra;  // next to the schema, such as `"selectableFields":[...]`
  std::string columns;        // additionalPrinterColumns, replacing Size, Phase, Note and Age
};

// The properties of a Gear's spec, the kind most cases use.
extern const char* const kGearSpec;

class Conformance : public ::testing::TestWithParam<std::string> {
 protected:
  Conformance();
  ~Conformance() override;
  static void TearDownTestSuite();

  // --- requests
  Answer Send(const std::string& method, const std::string& path, const std::string& body = "",
              http::Headers headers = {});
  Answer Get(const std::string& path, http::Headers headers = {}) {
    return Send("GET", path, "", std::move(headers));
  }
  Answer Post(const std::string& path, const std::string& body) { return Send("POST", path, body, Json()); }
  Answer Put(const std::string& path, const std::string& body) { return Send("PUT", path, body, Json()); }
  Answer Delete(const std::string& path, const std::string& body = "") {
    return Send("DELETE", path, body, Json());
  }
  Answer Merge(const std::string& path, const std::string& patch) {
    return Patch("merge-patch+json", path, patch);
  }
  Answer JsonPatch(const std::string& path, const std::string& patch) {
    return Patch("json-patch+json", path, patch);
  }
  Answer Strategic(const std::string& path, const std::string& patch) {
    return Patch("strategic-merge-patch+json", path, patch);
  }
  Answer Apply(const std::string& path, const std::string& manager, const std::string& object,
               bool force = false);
  Answer Patch(const std::string& type, const std::string& path, const std::string& patch);
  // Sends to the server that stores the definitions.
  Answer SendToCrds(const std::string& method, const std::string& path, const std::string& body = "",
                    http::Headers headers = {});
  static http::Headers Json() { return {{"Content-Type", "application/json"}}; }

  // --- kinds
  // The shared kind of this run, created on first use: namespaced, with status, its spec kGearSpec.
  const kube::Kind& Gear();
  // A kind for this case only; it is served when this returns.
  kube::Kind MakeKind(const KindOptions& options = {});
  // The definition that MakeKind would write, for cases that write it themselves; `kind` gets its
  // names.
  std::string Definition(const KindOptions& options, kube::Kind& kind);
  void WaitUntilServed(const kube::Kind& kind);
  void DeleteKind(const kube::Kind& kind);
  static std::string CrdPath(const std::string& name = "");
  std::string NewName(const std::string& prefix);

  // --- objects
  const std::string& Namespace();  // for this case only; exists when this returns
  // Paths of Gears in this case's namespace.
  std::string Gears() { return kube::PathOf(Gear(), Namespace()); }
  std::string GearPath(const std::string& name, const std::string& subresource = "") {
    return kube::PathOf(Gear(), Namespace(), name, subresource);
  }
  static std::string Object(const kube::Kind& kind, const std::string& name, const std::string& spec = "{}",
                            const std::string& metadata_extra = "");
  std::string GearJson(const std::string& name, const std::string& spec = "{}",
                       const std::string& metadata_extra = "") {
    return Object(Gear(), name, spec, metadata_extra);
  }
  // Creates a Gear; the case fails if that does not succeed.
  Answer MakeGear(const std::string& name, const std::string& spec = "{}",
                  const std::string& metadata_extra = "");
  std::string ConfigMaps() { return "/api/v1/namespaces/" + Namespace() + "/configmaps"; }

  // --- watches: `path` with its query
  struct Event {
    std::string type;
    Answer object;
    std::string name() const { return object.At("/metadata/name"); }
  };
  // All events until `until` returns true for them, the server ends the watch, or `within` passes.
  std::vector<Event> Watch(const std::string& path, Duration within,
                           const std::function<bool(const std::vector<Event>&)>& until = {},
                           http::Headers headers = {});
  static std::vector<std::string> TypesOf(const std::vector<Event>& events);

  // --- time and features
  // Polls until `condition` is true; false after two minutes, however long one evaluation takes,
  // with a failure that names what it waited for ("the object is gone").
  bool Eventually(const std::string& what, const std::function<bool()>& condition);
  void Sleep(Duration duration);
  // Skips a feature that other servers may lack; the embedded server must have it.
  void Lacks(const std::string& feature);
  Server& server() { return *server_; }
  kube::Client& client() { return client_; }
  // For one request: two minutes, or half a minute after one that got no answer, and never longer
  // than the Eventually that waits for it.
  Context context() {
    const Duration patience = unanswered_ == 0 ? kPatience : Duration(std::chrono::seconds(30));
    return Context().Until(deadline_).Within(server_->scheduler(), patience);
  }

 private:
  void Heard(const std::string& failure);  // empty: there was an answer
  Answer SendOn(http::Transport& transport, const std::string& url, const std::string& method,
                const std::string& path, const std::string& body, http::Headers headers);
  static constexpr Duration kPatience = std::chrono::minutes(2);
  std::unique_ptr<Server> server_;
  kube::Client client_;
  Instant deadline_ = kForever;  // of the active Eventually
  // Kinds that a cluster never served: after one of them, the wait for the next is shorter.
  static int unserved_;
  static int unanswered_;  // consecutive requests
  std::string namespace_;
  std::optional<kube::Kind> own_gear_;  // of an embedded server, which exists only during the case
  std::vector<kube::Kind> made_;        // deleted with the case
  // of a cluster, where creating a kind takes seconds
  static std::optional<kube::Kind> shared_gear_;
};

#define EXPECT_STATUS(answer, expected) EXPECT_EQ((answer).status, expected) << (answer)
#define ASSERT_STATUS(answer, expected) ASSERT_EQ((answer).status, expected) << (answer)

}  // namespace capstan::conformance
