// Debian 12's libxml2 is built with ICU, whose types clash with those of the ICU in Swift's Foundation as soon as a module
// sees both. Only the end of xmlCharEncodingHandler, which is never touched here, is declared with them.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>
