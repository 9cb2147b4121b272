// ManagedOptions: settings of the reconciler that drives an External. A value type.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/secret.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/external/external.hpp>

namespace capstan::managed {

struct ManagedOptions {
  // Identifies this operator among all operators of one account; part of the tag
  // "capstan-owner:<owner_id>". Usually ReadOwnerId(). REQUIRES: not empty.
  std::string owner_id;
  // Namespace of the ConfigMaps that record what was abandoned (Retain, abandon).
  std::string operator_namespace = "capstan-system";
  // Namespaces whose objects are managed and may be listed; empty: all.
  std::vector<std::string> namespaces;

  // How long a cloud may take to show a new object in a Find or a Get. Nothing is concluded
  // earlier.
  Duration create_settle = std::chrono::seconds(30);
  // Maximum age of an intent when its create is sent; an older intent is written again first.
  Duration intent_age = std::chrono::seconds(5);
  // Deadline of one cloud request that creates, changes or removes. The lease must outlast it, so
  // it has to be shorter than the lease (client-go's is 15 s).
  Duration change_deadline = std::chrono::seconds(10);
  // Deadline of cloud reads: Get, Find with all its pages, the account, the connection.
  Duration read_deadline = std::chrono::seconds(60);

  // Requeue delays. Each is shortened by up to a tenth at random, so that objects spread out.
  Duration poll_changing = std::chrono::seconds(5);  // while something is changing
  Duration poll_stable = std::chrono::seconds(60);   // when all is as desired
  // The longer a cloud object keeps changing, the less often it is observed: after half an hour as
  // rarely as a stable one.
  //
  // Up to this many objects of one set of credentials are observed with a Get each, more with a
  // list that shows them all.
  std::size_t few_objects = 3;
  // Stable objects are observed only through a list of the account. Their Secrets are read
  // check_first after the object became stable, then at intervals that double up to check_limit.
  // Once per look_whole everything is read again.
  Duration check_first = std::chrono::minutes(1);
  Duration check_limit = std::chrono::minutes(12);
  Duration look_whole = std::chrono::hours(1);
  // While a Secret, an annotation or an approval is missing.
  Duration poll_blocked = std::chrono::seconds(20);
  // After a refusal or a fault of the cloud: doubles with each consecutive failure, within these
  // limits.
  Duration backoff_first = std::chrono::seconds(10);
  Duration backoff_limit = std::chrono::minutes(5);
  // How long a quota may refuse before condition Synced says so: bursts of other clients are over
  // by then.
  Duration refusal_patience = std::chrono::minutes(5);

  // Whether deleting the CustomResourceDefinition may delete the cloud objects of its objects.
  bool allow_crd_deletion = false;

  // Looks up an environment variable for objects that name no Secret; null: there are none. Must be
  // thread-safe.
  std::function<std::optional<Secret>(const std::string& variable)> environment;
  // Namespaces whose objects may use the environment; "*" is all. "" stands for cluster-scoped
  // objects.
  std::vector<std::string> environment_namespaces;

  // All kinds of all providers whose objects may name the same Secrets: a Secret is released when
  // none of them names it any more. The reconciled kind always counts.
  std::vector<external::KindInfo> sharing;
};

}  // namespace capstan::managed
