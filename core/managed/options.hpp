// ManagedOptions: the settings of the reconciler that drives an External. A value.
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
  // Who we are among all operators on one account: goes into the tag "capstan-owner:<owner_id>".
  // Usually ReadOwnerId(). REQUIRES: not empty.
  std::string owner_id;
  // Where the ConfigMaps are that record what was let go (Retain, abandon).
  std::string operator_namespace = "capstan-system";
  // The namespaces whose objects are looked after, and may be listed; empty: all.
  std::vector<std::string> namespaces;

  // How long a cloud may take to show a new object in a Find or a Get. Nothing is concluded
  // earlier.
  Duration create_settle = std::chrono::seconds(30);
  // A create leaves at most this long after its intent was written; else the intent is written
  // again.
  Duration intent_age = std::chrono::seconds(5);
  // The deadline of one cloud request that makes, changes or removes. The lease must outlast it, so
  // it has to be shorter than the lease (client-go's is 15 s).
  Duration change_deadline = std::chrono::seconds(10);
  // The deadline of cloud reads: Get, Find with all its pages, the account, the connection.
  Duration read_deadline = std::chrono::seconds(60);

  // How soon an object is requeued. Each is shortened by up to a tenth at random, so that they
  // spread out.
  Duration poll_changing = std::chrono::seconds(5);  // while something is on its way
  Duration poll_stable = std::chrono::seconds(60);   // when all is as desired
  // What has been on its way for long is observed less often: after half an hour as what is stable.
  // So many objects of one set of credentials are observed each by a Get; more by a list that shows
  // them all.
  std::size_t few_objects = 3;
  // What rests is observed in a list of the account alone. Its Secrets are read this long
  // after it came to rest, then after twice as long each time within the limit; everything is read
  // afresh once in look_whole.
  Duration check_first = std::chrono::minutes(1);
  Duration check_limit = std::chrono::minutes(12);
  Duration look_whole = std::chrono::hours(1);
  // While a Secret, an annotation or an approval is missing.
  Duration poll_blocked = std::chrono::seconds(20);
  // After a refusal or a fault of the cloud: twice as long after each in a row, within these.
  Duration backoff_first = std::chrono::seconds(10);
  Duration backoff_limit = std::chrono::minutes(5);
  // How long a quota may refuse before condition Synced says so: others' bursts are over by then.
  Duration refusal_patience = std::chrono::minutes(5);

  // Whether deleting the CustomResourceDefinition may delete what its objects stand for in the
  // cloud.
  bool allow_crd_deletion = false;

  // Looks up an environment variable for objects that name no Secret; null: there are none.
  std::function<std::optional<Secret>(const std::string& variable)> environment;
  // Namespaces whose objects may use the environment; "*" is all. "" stands for cluster-scoped
  // objects.
  std::vector<std::string> environment_namespaces;

  // All kinds of all providers whose objects may name the same Secrets: a Secret is let go when
  // none does any more. The kind reconciled always counts.
  std::vector<external::KindInfo> sharing;
};

}  // namespace capstan::managed
