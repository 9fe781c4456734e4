# awk -f rows.awk rows.txt REPORT: says for each row whether a passing test proves it, and which. REPORT is ctest's
# JUnit report; a test names its rows, as in TicketEndpoints.ByTokenPassesEscapesByteExact_M017_M124.
# A row is proven when a test of it passed and none failed. Exit status 1: a test failed, or names no row of rows.txt.

function attribute(name) {
  if (!match($0, " " name "=\"[^\"]*\"")) return ""
  return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
}

function record(row, test, status) {
  if (!(row in title)) unknown = unknown "\n  " row "  in " test
  else if (status == "run") passed[row] = passed[row] "\n                " test
  else if (status == "fail") failed[row] = failed[row] "\n                failed: " test
  else skipped[row] = skipped[row] "\n                skipped: " test
}

BEGIN { FS = "\t" }

FILENAME == ARGV[1] {
  title[$1] = $2
  order[++rows] = $1
  next
}

/^[ \t]*<testcase / {
  test = rest = attribute("name")
  while (match(rest, /[._]M[0-9][0-9][0-9]/)) {
    row = substr(rest, RSTART + 1, 4)
    rest = substr(rest, RSTART + RLENGTH)
    if (rest !~ /^[0-9A-Za-z]/) record(row, test, attribute("status"))
  }
}

END {
  for (i = 1; i <= rows; i++) {
    row = order[i]
    tests = failed[row] passed[row] skipped[row]
    if (failed[row] != "") { state = "FAILED "; failures++ }
    else if (passed[row] != "") { state = "proven "; proven++ }
    else if (skipped[row] != "") state = "skipped"
    else { state = "—      "; tests = "  (none yet)" }
    print row "  " state "  " title[row] tests
  }
  print "\n" proven + 0 " of " rows " rows proven, " failures + 0 " failed"
  if (unknown != "") print "rows that do not exist:" unknown
  exit failures > 0 || unknown != ""
}
