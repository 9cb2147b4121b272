// Runs the conformance suite for the buckets of examples/managed_without_plugin, in simulated time.
#include <iostream>
#include <map>

#include <capstan/core/base/json.hpp>
#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/http/handler.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/sdk/conformance/conformance.hpp>

#include "bucket_provider.hpp"

using namespace capstan;

namespace {

// The cloud: buckets by id.
class BucketCloud final : public http::Handler {
 public:
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context&) override {
    (void)writer.Respond(Answer(request));
  }

 private:
  http::Response Answer(const http::Request& request) {
    if (request.headers.Get("Authorization") != "Bearer good")
      return {401, {}, R"({"message":"who are you?"})"};
    const auto url = http::ParseUrl(request.url);
    const std::string path(url->path());
    if (path == "/account") return {200, {}, R"({"id":"team-1","name":"the team"})"};
    if (path == "/buckets") return request.method == "POST" ? Make(*Json::Parse(request.body)) : List();
    const auto found = buckets_.find(path.substr(std::string("/buckets/").size()));
    if (found == buckets_.end()) return {404, {}, R"({"message":"no such bucket"})"};
    if (request.method == "DELETE") {
      buckets_.erase(found);
      return {204, {}, ""};
    }
    if (request.method == "PATCH") found->second.Set("gigabytes", (*Json::Parse(request.body))["gigabytes"]);
    return {200, {}, found->second.ToText()};
  }
  http::Response List() const {
    Json all = Json::EmptyArray();
    for (const auto& [id, bucket] : buckets_) all.Append(bucket);
    return {200, {}, Json().Set("buckets", all).ToText()};
  }
  http::Response Make(Json bucket) {
    const std::string id = "b-" + std::to_string(++made_);
    bucket.Set("id", id).Set("state", "ready");
    buckets_[id] = bucket;
    return {201, {}, bucket.ToText()};
  }
  std::map<std::string, Json> buckets_;
  int made_ = 0;
};

}  // namespace

int main() {
  SimulatedScheduler scheduler;
  BucketCloud cloud;
  http::LoopbackTransport network(scheduler);
  network.Route("buckets.test", &cloud);
  const auto make = [](http::Transport& transport, Log&) -> Result<std::unique_ptr<external::Provider>> {
    return example::MakeBucketProvider(transport);
  };
  conformance::Subject subject{scheduler, network, make, "Bucket", {}, {}, nullptr, nullptr};
  subject.credentials = {{{"token", Secret("good")}}};
  subject.refused_credentials = external::Credentials{{{"token", Secret("bad")}}};
  const auto desired = [](const std::string& name, int gigabytes) {
    return Json()
        .Set("name", name)
        .Set("namespace", "n")
        .Set("uid", "u")
        .Set("spec", Json().Set("gigabytes", gigabytes))
        .ToText();
  };
  subject.desired = [&](const std::string& name) { return desired(name, 2); };
  subject.changed = [&](const std::string& name) { return desired(name, 5); };
  subject.absent_id = "b-0";
  const auto findings = conformance::Verify(subject, Context{});
  std::size_t number = 0;
  for (const conformance::Finding& finding : findings)
    std::cout << conformance::ReportAsTap(finding, ++number) << "\n";
  return conformance::AllPassed(findings) ? 0 : 1;
}
