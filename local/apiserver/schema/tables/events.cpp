// The types of Kubernetes' API group that this file is named after; the form is tables.hpp's.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view EventsTable() {
  return R"(
# events io.k8s.api.events.v1 events.k8s.io/v1

== Event kind : Something that happened to an object.
metadata 1 @meta.ObjectMeta+
eventTime 2 microtime! : When it was first seen.
series 3 @EventSeries? : Further times it happened.
reportingController 4 string : The controller that reports.
reportingInstance 5 string : Which of its instances.
action 6 string : What was done about it.
reason 7 string : What happened, in one word.
regarding 8 @core.ObjectReference : Whom it happened to.
related 9 @core.ObjectReference? : Another object it concerns.
note 10 string : What happened, for people.
type 11 string : Normal or Warning.
deprecatedSource 12 @core.EventSource : Who saw it, in the older form.
deprecatedFirstTimestamp 13 time : When it happened first, in the older form.
deprecatedLastTimestamp 14 time : When it happened last, in the older form.
deprecatedCount 15 int32 : How often it happened, in the older form.

== EventSeries
count 1 int32!
lastObservedTime 2 microtime!
)";
}

}  // namespace capstan::apiserver
