package chapters

// Matrix is the table of every application on every server, shown with its recorded run.
type Matrix struct {
	Name    string
	Title   string
	Caption Text

	Chapter string // slug
	File    string
	Line    int
}

func (*Matrix) block() {}

// Recording returns where the matrix's recorded run is kept, relative to the repository's root.
func (m *Matrix) Recording() string { return recordingOf(m.Chapter, m.Name) }

func recordingOf(chapter, name string) string {
	return "content/" + chapter + "/recordings/" + name + ".json"
}

// Matrices returns the matrices of the whole book, in order.
func (b *Book) Matrices() []*Matrix {
	var all []*Matrix
	for _, c := range b.Chapters {
		for _, block := range c.Blocks {
			if m, is := block.(*Matrix); is {
				all = append(all, m)
			}
		}
	}
	return all
}

func (p *page) matrix(b body) Block {
	var y struct {
		Name, Title string
		Caption     words
	}
	if !p.read(b, &y, "name", "title") || !p.goodName(b, y.Name) {
		return nil
	}
	p.underHeading(b)
	p.anchor("lab-"+y.Name, b.fence) // as for a lab: the names of their recordings share a folder
	return &Matrix{Name: y.Name, Title: y.Title, Caption: p.md(b, y.Caption), Chapter: p.Slug, File: p.File, Line: b.fence}
}

// goodName refuses a name that cannot be used for a file and an address.
func (p *page) goodName(b body, name string) bool {
	if name == slugify(name) {
		return true
	}
	p.problems.add(p.File, b.fence, "%s: the name %q must be lower case letters, digits and hyphens", b.name, name)
	return false
}
