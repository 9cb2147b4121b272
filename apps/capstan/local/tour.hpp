// The quickstart's tour: applies an example, watches it become ready, deletes it, and checks that
// the cloud is empty again. It only asks the Kubernetes API and the cloud's own API, as a user with
// kubectl and curl would.
#pragma once

#include <string>

#include <capstan/apps/capstan/console/progress_display.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/base/secret.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/kube/client.hpp>

namespace capstan::app {

struct TourParts {
  Scheduler& scheduler;
  kube::Client& kubernetes;
  http::Transport& cloud;
  std::string cloud_url;
  Secret cloud_token;
  ProgressDisplay& display;
  Duration expected;  // how long the cloud will take, for the bar
};

// The whole tour. Errors: what went wrong, with the object's own conditions in the message.
Status RunTour(const TourParts& parts, const Context& context);

}  // namespace capstan::app
