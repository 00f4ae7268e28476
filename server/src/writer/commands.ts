// Every part of the server that defines commands is named here: both writers load them by loading this.
import './dialects.ts';
import './answers.ts';
import './compaction.ts';
import './files.ts';
import './members.ts';
import './search.ts';
import './users.ts';
