// The types of the API group that names this file, in the notation of tables.hpp.
#include <capstan/local/apiserver/schema/tables/tables.hpp>

namespace capstan::apiserver {

std::string_view EventsTable() {
  return R"(
# events io.k8s.api.events.v1 events.k8s.io/v1

== Event kind : Something that happened to an object.
metadata 1 @meta.ObjectMeta+
eventTime 2 microtime! : Time of the first observation.
series 3 @EventSeries? : Further occurrences of the event.
reportingController 4 string : The controller that reported the event.
reportingInstance 5 string : The instance of that controller.
action 6 string : The action that was taken.
reason 7 string : A machine-readable reason in one word.
regarding 8 @core.ObjectReference : The object of the event.
related 9 @core.ObjectReference? : Another object involved in the event.
note 10 string : A description for users.
type 11 string : Normal or Warning.
deprecatedSource 12 @core.EventSource : Origin of the event in the older format.
deprecatedFirstTimestamp 13 time : Time of the first occurrence in the older format.
deprecatedLastTimestamp 14 time : Time of the latest occurrence in the older format.
deprecatedCount 15 int32 : Number of occurrences in the older format.

== EventSeries
count 1 int32!
lastObservedTime 2 microtime!
)";
}

}  // namespace capstan::apiserver
